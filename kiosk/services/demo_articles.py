"""The 120 articles of the demo shop, a bakery with a corner shop.

One article to a line: number, name, price (or ``open``), then what is special
about it: ``kg``, ``18`` for the age, ``deposit``, ``key=3`` for a quick
article, ``tax=A``.
"""

from __future__ import annotations

from typing import Final

CATEGORIES: Final = (
    (
        "Pain",
        "B",
        """
        101 Baguette 1.10 key=1
        102 Baguette tradition 1.30 key=2
        103 Demi-baguette 0.60
        104 Pain de campagne 3.50
        105 Pain de campagne bio 4.20
        106 Pain complet 3.20
        107 Pain aux céréales 3.60
        108 Pain de seigle 3.40
        109 Pain de mie 2.80
        110 Pain aux noix 4.10
        111 Ficelle 0.90
        112 Boule au levain 4.50
        113 Fougasse aux olives 3.90
        114 Petit pain au lait 0.95
        115 Pain d'épices 5.50
        """,
    ),
    (
        "Viennoiserie",
        "B",
        """
        201 Croissant 1.20 key=3
        202 Croissant aux amandes 2.20
        203 Pain au chocolat 1.35 key=4
        204 Pain aux raisins 1.80
        205 Chausson aux pommes 1.90
        206 Brioche 1.60
        207 Brioche tressée 5.80
        208 Chouquettes, les six 2.00
        209 Palmier 1.70
        210 Beignet 1.80
        """,
    ),
    (
        "Pâtisserie",
        "B",
        """
        301 Éclair au chocolat 2.90
        302 Éclair au café 2.90
        303 Tartelette au citron 3.60
        304 Tartelette aux fraises 4.20
        305 Mille-feuille 3.80
        306 Paris-Brest 4.10
        307 Flan pâtissier 2.70
        308 Macaron 1.50
        309 Tarte aux pommes 14.00
        310 Forêt-noire 24.00
        311 Financier 1.40
        312 Canelé 1.60
        """,
    ),
    (
        "Snack",
        "C",
        """
        401 Sandwich jambon-beurre 4.20 key=5
        402 Sandwich poulet 4.80
        403 Sandwich au thon 4.60
        404 Sandwich végétarien 4.60
        405 Croque-monsieur 4.50
        406 Quiche lorraine 4.30
        407 Pizza, la part 3.90
        408 Salade composée 6.50
        409 Soupe du jour 4.00
        410 Formule midi 9.50
        """,
    ),
    (
        "Boissons chaudes",
        "C",
        """
        501 Café 1.50 key=6
        502 Café allongé 1.60
        503 Café crème 2.40
        504 Cappuccino 2.90
        505 Chocolat chaud 2.80
        506 Thé 2.20 key=7
        """,
    ),
    (
        "Boissons",
        "B",
        """
        541 Eau pétillante 1,5 L 0.79
        542 Eau plate 1,5 L 0.65
        543 Eau plate 50 cl 0.90 key=8
        544 Jus d'orange 1 L 2.45
        545 Jus de pomme bio 1 L 2.95
        546 Limonade artisanale 33 cl 2.40
        547 Cola 33 cl 1.80
        548 Thé glacé 33 cl 1.90
        549 Sirop de grenadine 3.40
        """,
    ),
    (
        "Épicerie",
        "B",
        """
        601 Café moulu 500 g 6.95
        602 Café en grains 1 kg 14.90
        603 Thé vert, 20 sachets 3.20
        604 Chocolat noir 85 % 2.75
        605 Chocolat au lait 2.35 tax=A
        606 Confiture de fraises 3.60
        607 Confiture d'abricots 3.60
        608 Miel de fleurs 500 g 6.80
        609 Pâte à tartiner 4.20
        610 Farine T55 1 kg 1.25
        611 Farine complète 1 kg 1.65
        612 Sucre en poudre 1 kg 1.55
        613 Sel de Guérande 250 g 2.90
        614 Huile d'olive 75 cl 8.90
        616 Moutarde de Dijon 1.95
        617 Pâtes 500 g 1.35
        618 Riz basmati 1 kg 2.85
        619 Sauce tomate 1.90
        621 Cornichons 2.40
        622 Biscuits au beurre 2.10
        623 Madeleines 2.95
        624 Bonbons assortis 2.20 tax=A
        625 Chips nature 1.75
        """,
    ),
    (
        "Frais",
        "B",
        """
        701 Lait entier 1 L 1.29
        702 Lait demi-écrémé 1 L 1.19
        703 Beurre doux 250 g 2.65
        704 Beurre demi-sel 250 g 2.75
        705 Crème fraîche 20 cl 1.45
        706 Yaourt nature, les quatre 1.60
        707 Œufs plein air, les six 2.40
        708 Camembert 3.30
        709 Comté 24.90 kg
        710 Brie 14.50 kg
        711 Chèvre frais 2.95
        712 Jambon blanc à la coupe 19.80 kg
        713 Saucisson sec 4.90
        """,
    ),
    (
        "Fruits et légumes",
        "B",
        """
        801 Pommes Jonagold 2.20 kg key=9
        802 Poires Conférence 2.80 kg
        803 Bananes 1.95 kg
        804 Oranges 2.40 kg
        805 Citrons 2.90 kg
        806 Fraises 7.90 kg
        807 Tomates 3.20 kg
        808 Pommes de terre 1.60 kg
        """,
    ),
    (
        "Vins et bières",
        "A",
        """
        901 Bordeaux rouge 75 cl 7.90 18
        902 Côtes-du-Rhône 75 cl 6.50 18
        903 Muscadet 75 cl 5.90 18
        904 Crémant d'Alsace 75 cl 9.80 18
        905 Cidre brut 75 cl 3.90 18
        906 Bière blonde 33 cl 1.95 18
        907 Bière ambrée 33 cl 2.40 18
        """,
    ),
    (
        "Divers",
        "A",
        """
        951 Sac en papier 0.15
        952 Bougies d'anniversaire 2.50
        953 Carte postale 1.00
        954 Journal du jour 2.00 tax=D
        955 Consigne bouteille 0.25 tax=Z deposit
        990 Divers alimentation open tax=B
        991 Divers open
        """,
    ),
)
"""Each category with its tax code and its articles."""
