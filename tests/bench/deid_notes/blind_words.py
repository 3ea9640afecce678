"""The word lists of the half `blind`: names, places, streets and institutions. Written from general knowledge by somebody who had read
neither the detectors nor their lists, and of the other halves' lists the first words of some; nothing was taken out because of what stands there."""
from lists import lines, people, words

# Weights: roughly how often one meets the names in the Netherlands.
PEOPLE = {
    "dutch": people(
        56,
        """Adriaan Albert Alexander Arjan Arnoud Bart Bas Ben Bernard Boudewijn Cees Coen Cor Cornelis Daniël Dennis Dick Diederik Eduard
        Emiel Erik Ernst Ferdinand Frank Frans Fred Frits Geert Gerard Gijs Hendrik Herman Hugo Ivo Jaap Jacob Jan Jelle Jeroen Jesse Joep
        Johan Johannes Jurgen Karel Klaas Lars Laurens Lex Lou Luuk Maikel Marcel Mark Martijn Mathijs Mees Menno Michiel Milan Nico Olaf
        Otto Pascal Patrick Paul Peter Quinten Ralph Reinier René Rick Rob Robbert Roel Rogier Ron Ruben Rutger Sem Sjaak Sjoerd Stef Steven
        Sven Ties Tim Tom Ton Tobias Toon Twan Victor Vincent Wessel Wilbert Wouter Xander Yannick""",
        """Agnes Aleida Amber Anja Anneke Annelies Annet Astrid Babette Bep Bertha Bianca Carla Carolien Catharina Charlotte Christel Claudia
        Coby Corrie Daniëlle Debby Dieuwertje Dorien Elisabeth Elly Emma Esmée Esther Eveline Fenna Floor Fleur Francien Gerda Geertruida
        Gonnie Greet Guusje Hanneke Heleen Hendrika Hetty Ilse Ineke Irene Isa Jacqueline Janneke Jeanette Jet Jolanda José Josien Judith
        Julia Karin Katja Kim Leonie Lianne Lidy Lies Linda Lisanne Liesbeth Loes Lucie Maaike Margriet Marga Marjan Marloes Marjolein
        Mathilde Merel Mieke Mila Mirjam Monique Nathalie Nel Nienke Noor Olga Paula Petra Pien Renske Rianne Rietje Roos Sabine Saskia
        Sien Silvia Sjaan Sofie Suzanne Tamara Tessa Tineke Toos Vera Wies Willemijn Willy Yvonne Zoë""",
        """de Jong, Jansen, de Vries, van den Berg, Bakker, van Dijk, Visser, Smit, Meijer, de Boer, Mulder, de Groot, Bos, Vos, Peters,
        Hendriks, van Leeuwen, Dekker, Brouwer, de Wit, Dijkstra, Smits, de Graaf, van der Meer, Kok, Jacobs, van der Linden, Vermeulen,
        Schouten, van Beek, Hoekstra, Koster, Prins, Blom, Huisman, Postma, Kuiper, Veenstra, Kuipers, Willems, Scholten, van Vliet,
        Aalbers, Achterberg, van den Akker, Ammerlaan, van Asselt, Baggerman, Bakkeren, van Balen, Barendregt, Beekhuizen, van den Bemt,
        Berkelaar, Beukema, Biemans, Bijlsma, Blankestijn, Bloemendaal, Boerboom, van den Bogaard, Bolhuis, Bontekoe, Boogaerts, Boonstoppel,
        van den Boom, Bouwmeester, Brandsma, Breedveld, van Breukelen, ten Brinke, Broekhuijsen, Bruggink, Buitenhuis, van Buuren,
        Cuijpers, Coppens, Crielaard, van Daalen, Dammers, van Deursen, Diepenbroek, Doeleman, Dorrestein, van Drunen, Duijvestijn, Duindam,
        van Eijk, Eikelenboom, Elfferich, Ensink, van Esch, Everaars, Faber, Feddes, Franssen, Geelhoed, van Gelderen, Gerritsen, Glasbergen,
        Goossens, Goudriaan, de Graaff, Groenewegen, Grotenhuis, de Haan, Haanstra, van Haren, Hartgers, Havermans, van der Heijden,
        Heemskerk, ter Heide, Hilhorst, Hoogeveen, Hoogendoorn, Houtman, Huijbregts, van Hulst, IJzerman, Janmaat, Kalkman, Kamerbeek,
        Kampschreur, van Kessel, Klaassen, Kleinjan, Kloosterman, Knoop, Kooijman, Korteweg, Kranenburg, Kroezen, Kwakernaak, Lamers,
        van Lieshout, Lindhout, Lokhorst, Loonen, van Maanen, Markus, Meeuwissen, Mensink, van Mierlo, Moerman, Mostert, Muller, Nagtegaal,
        Nieuwenhuizen, Nijboer, van Noort, Oldenhof, Olthof, Onderwater, van Oosten, van Ommeren, Oudshoorn, Paalvast, van de Pas, Peperkamp,
        Pijnenburg, Plugge, Poelman, Pronk, Quist, Raaijmakers, van Ravenswaaij, Reijnders, Rensen, van Rhijn, Rietveld, Roeleveld,
        Roelofsen, Rooijakkers, van Rossum, Ruijter, Rutten, van Santen, Schaap, Scheffer, Schellekens, Schipper, Schreuder, Schuurman,
        Slagmolen, Slijkhuis, van der Sluis, Snoek, Spaans, Spierings, Steenbergen, Stolwijk, van Straaten, Swinkels, Teeuwen, Terlouw,
        Teunissen, Tichelaar, Timmermans, van Tongeren, Uijterlinde, Valkenburg, van der Veen, in 't Veld, van 't Hof, op den Kamp, aan de
        Brugh, uit den Boogaard, van het Hek, Verbeek, Verhoeven, Verkerk, Versteeg, Vink, van Vlaanderen, Voorhoeve, Vreugdenhil,
        van Waveren, Weerdenburg, Welling, van Wijngaarden, Wildeboer, Witteveen, Wolfs, Zandbergen, van Zanten, Zegers, van der Zwan,
        Zonderland, van Zuijlen, Zwartjes, Haaksbergen, Rook, Kers, Groen, Wind, Engel, Keizer, Winter, Zomer, de Nijs, Maas, Pels Rijcken,
        van Lynden van Sandenburg, Baron, Appelman, Kat, Haring, Vroegop, Naaktgeboren, Poepjes, Zeldenrust""",
    ),
    "frisian": people(
        5,
        "Anne Auke Bauke Bouwe Durk Eelke Feike Fokke Gosse Hylke Jelke Jorrit Jouke Lieuwe Oene Pyter Rients Sietse Sybren Tjeerd Wytze Ype",
        "Aukje Baukje Djoke Doutzen Fokje Froukje Geartsje Hinke Jeltje Jikke Jitske Nynke Richtsje Sietske Sjoukje Tjitske Trijntje Wietske",
        """Adema, Andringa, Bergsma, Boersma, Bouma, Buwalda, Castelein, Cnossen, Dotinga, Elzinga, Faber, Feenstra, Galema, Haarsma,
        Hiemstra, Hofstra, Jellema, Jorritsma, Kingma, Kooistra, Landstra, van der Meulen, Nauta, Nijdam, Oosterhaven, Osinga, Palstra,
        Reitsma, Rypkema, Sikkema, Spoelstra, Terpstra, Tjepkema, Tolsma, Ypma, van der Wal, Wiarda, Wijnia, Zijlstra""",
    ),
    "turkish": people(
        6,
        """Ahmet Ali Berkan Bülent Cem Deniz Emre Ercan Fatih Gökhan Hakan Hüseyin İbrahim Kemal Mehmet Metin Murat Mustafa Okan Orhan
        Ramazan Selim Serkan Tolga Ufuk Volkan Yusuf Zafer""",
        """Ayşe Aylin Belgin Büşra Derya Dilek Ebru Elif Emine Esra Fadime Fatma Gülsüm Gül Hacer Hatice Kübra Leyla Meryem Nazlı Nurcan Özlem
        Pınar Selma Sevgi Songül Şerife Tuğba Zehra Zeynep""",
        """Acar, Akgül, Aksoy, Altıntaş, Arslan, Aydın, Bayram, Bozkurt, Çelik, Çetin, Demir, Demirci, Doğan, Erdoğan, Ergün, Güler, Güneş,
        Kaplan, Karaca, Karadağ, Kaya, Keskin, Kılıç, Koç, Korkmaz, Özcan, Öztürk, Polat, Sağlam, Şahin, Şimşek, Tekin, Toprak, Ünal, Uysal,
        Yıldırım, Yıldız, Yılmaz, Yüksel, Cakir, Ozdemir, Sahin, Yildiz, Kocak""",
    ),
    "moroccan": people(
        6,
        """Abdelhak Abdellah Achraf Anouar Ayoub Bilal Brahim Driss El-Mehdi Fouad Hamid Hamza Hassan Hicham Imad Ismail Jamal Karim Khalid
        Lahcen Mimoun Mohamed Mohammed Mourad Mustapha Nabil Nordin Omar Rachid Redouan Saïd Samir Soufian Tarik Younes Zakaria""",
        """Aicha Amal Amina Asma Bouchra Btissam Fadma Fatima Fatiha Farah Hanan Hafida Hayat Ikram Ilham Imane Karima Khadija Laila Latifa
        Loubna Malika Mina Naima Nadia Najat Nora Ouafa Rachida Rahma Saida Salima Samira Sanae Siham Souad Yamina Yasmina Zohra Zineb""",
        """Aarab, Abdellaoui, Achahbar, El Aissati, Amrani, Azzouzi, El Bakkali, Belhaj, Ben Ali, Benali, Benhaddou, Ben Moussa, Bouali,
        Bouazza, Boukhari, Boulahrouz, Bouzidi, Chahid, Chaouch, El Fassi, El Ghazi, El Hamdaoui, Haddou, Haddouti, El Idrissi, El Kaddouri,
        Kasmi, El Khattabi, Lahlou, Lamrabet, El Mansouri, Messaoudi, El Morabit, Mokhtari, Ouali, Oulad, Ouaali, Rahmouni, Saidi, Sabri,
        Tahiri, Taghzouti, El Yaakoubi, Yahyaoui, Ziani, el Hachioui, Zeroual""",
    ),
    "surinamese": people(
        5,
        """Anand Ashwin Clyde Delano Desmond Dewanand Edgar Errol Faizal Glenn Guno Harold Humphrey Iwan Jerrel Kenneth Lloyd Marlon Radj
        Ricardo Roy Ruben Sandjai Soerin Stanley Sewnarain Winston""",
        """Anoeska Astra Chandra Carmen Cynthia Devika Drupatie Farzana Gladys Hillegonda Indra Joyce Kamla Lucia Maureen Mavis Muriel
        Noraisa Radha Reshma Romana Savitri Sharda Sharmila Soenita Usha Wonny""",
        """Abhelakh, Autar, Badloe, Bhaggoe, Biharie, Blijd, Bottse, Breeveld, Burleson, Chotkan, Comvalius, Debipersad, Doelwijt,
        Dwarkasing, Gangaram Panday, Ganpat, Gopal, Gummels, Hardjopawiro, Hindori, Jagesar, Jubitana, Kartopawiro, Kertoidjojo, Kromosoeto,
        Lachman, Lalmahomed, Lieveld, Mahabier, Mangal, Martodikromo, Matadin, Misidjan, Nandoe, Oedai, Orie, Paal, Pinas, Pengel, Ramautar,
        Ramdin, Ramlal, Rampersad, Redan, Resodikromo, Sewpersad, Soekhai, Somohardjo, Sukhai, Tjin A Tsoi, Vreden, Wijdenbosch, Zeefuik""",
    ),
    "indonesian": people(
        4,
        "Agus Bambang Benny Budi Eddy Ferry Hengky Joko Johnny Max Ook Rudy Sutrisno Theo Wayan Yopi Frans Domingus",
        "Dewi Fientje Indah Ketut Lientje Mei Noni Nurul Poppy Ratna Siti Sri Wiwiek Yanti Augustina Josina Mietje",
        """Hutapea, Kusuma, Latuheru, Leatemia, Lekatompessy, Luhulima, Malawau, Manuhutu, Matulessy, Nanlohy, Noija, Pattiasina,
        Pattinama, Pelupessy, Rahayu, Salawane, Sahetapy, Siahaya, Sihombing, Soplanit, Supriadi, Tahapary, Tahitu, Tuhumury, Wattimena,
        Wibowo, de Fretes, Wairata, Louhenapessy, van der Crab, Hehanussa, Ririassa""",
    ),
    "polish": people(
        4,
        """Adam Andrzej Bartosz Dariusz Grzegorz Jacek Jakub Kamil Krzysztof Łukasz Maciej Marcin Marek Mateusz Michał Paweł Piotr Rafał
        Sławomir Stanisław Tomasz Wojciech Zbigniew""",
        """Agnieszka Aleksandra Beata Bożena Dorota Edyta Ewa Grażyna Iwona Joanna Justyna Katarzyna Krystyna Magdalena Małgorzata
        Marzena Monika Renata Urszula Wioletta Zofia""",
        """Adamczyk, Baran, Borkowski, Dąbrowska, Dudek, Gajewski, Górski, Grabowska, Jabłoński, Jaworska, Kaczmarek, Kamiński, Kołodziej,
        Kowalczyk, Kowalska, Krawczyk, Król, Kubiak, Lewandowska, Majewski, Mazur, Michalak, Nowak, Nowicka, Olszewski, Pawlak, Pawłowska,
        Piotrowski, Rutkowska, Sikora, Szczepański, Szymańska, Walczak, Wieczorek, Wilk, Wiśniewski, Wójcik, Wrobel, Zając, Zielińska""",
    ),
    "chinese": people(
        2,
        "Bo Cheng Guang Hao Jian Jun Kai Kwok Lei Man-Kit Ming Qiang Tao Wai Wei Xiang Yong Zhi Chi-Ho",
        "Fang Hui Jing Lan Li-Hua Ling Mei Mei-Ling Na Ping Qing Shu Suk Xiao Xin Yan Ying Yuen Zhen Wing",
        """Chan, Chen, Cheng, Cheung, Chow, Fu, Guo, He, Ho, Hu, Huang, Jiang, Kwan, Lam, Lau, Leung, Li, Lin, Liu, Lo, Ma, Man, Mok, Ng, Pang,
        Shen, Sun, Tang, Tse, Wang, Wong, Wu, Xu, Yang, Ye, Yip, Zhang, Zhao, Zheng, Zhou, Zhu""",
    ),
    "ghanaian": people(
        2,
        "Akwasi Ebenezer Emmanuel Ernest Kofi Kojo Kwabena Kwaku Kwame Nana Osei Prince Samuel Yaw Isaac",
        "Abena Adwoa Afia Akosua Akua Ama Comfort Esi Gifty Grace Mercy Patience Serwaa Vida Yaa",
        """Acheampong, Addo, Adjei, Agyeman, Amoako, Ampofo, Amponsah, Annan, Antwi, Appiah, Asante, Asamoah, Boadu, Boakye, Boateng, Danquah,
        Donkor, Frimpong, Gyamfi, Konadu, Kusi, Mensah, Nkansah, Ofori, Opoku, Osei, Owusu, Owusu-Ansah, Poku, Sarpong, Yeboah""",
    ),
    "arab": people(
        4,
        """Abdulrahman Adnan Ammar Anas Bassam Firas Ghassan Hadi Haitham Hussein Khaled Maher Mahmoud Majd Moaz Nizar Osama Qusay Rami
        Saleh Tarek Wael Yasser Ziad""",
        "Abeer Alaa Dima Ghada Hala Hanaa Hiba Iman Kholoud Lama Lubna Maysa Nour Rania Rasha Reem Rima Ruba Sahar Salma Sawsan Shahd Wafaa",
        """Abbas, Abdo, Ahmad, Al Ahmad, Al-Hariri, Al Hassan, Al-Khatib, Al Masri, Al Omari, Al Saleh, Alhalabi, Alkurdi, Aljasem, Almohammad,
        Alnajjar, Alshami, Barakat, Darwish, Daoud, Farhat, Ghanem, Haddad, Hamdan, Ibrahim, Issa, Jaber, Kanaan, Kassem, Khalaf, Khoury,
        Mansour, Mardini, Nasser, Othman, Qasim, Ramadan, Sabbagh, Shaheen, Suleiman, Yousef, Zaki""",
    ),
    "african": people(
        3,
        "Abdi Abshir Dawit Filmon Guled Habtom Kidane Liban Mahad Mebrahtu Merhawi Samatar Tesfay Warsame Yared Yonas Ikenna Chidi Jean-Paul",
        "Almaz Ayan Fadumo Feven Fowzia Hodan Ifrah Luwam Meaza Rahel Saba Sagal Selam Senait Tirhas Yordanos Ngozi Espérance Chantal",
        """Abdullahi, Abdi Farah, Adan, Berhane, Dirie, Elmi, Gebremariam, Gebreyesus, Ghebremedhin, Habte, Haile, Hersi, Jama, Kahsay,
        Mehari, Mohamud, Nur, Okafor, Eze, Osman, Roble, Seyoum, Tekle, Tesfamariam, Warsame Ali, Weldu, Yusuf, Zerai, Mbala, Nzeyimana,
        Kabongo, Adeyemi""",
    ),
    "antillean": people(
        2,
        "Angelo Curt Darwin Elvis Gilmar Hubert Jairzinho Quincy Rignaald Rudsel Shurandy Tico Urvin Wendell Xavier",
        "Aisheline Darlene Gwendolyn Ivette Jeandra Liandra Migdalia Mirugia Nilva Rachelle Shahaira Sulyn Zulaika Yurena",
        """Alberto, Bernadina, Boekhoudt, Cijntje, Croes, Cuales, Curiel, Doran, Eisden, Felicia, Girigorie, Hooi, Isenia, Koeiman, Maduro,
        Martina, Martis, Meulens, Pieternella, Pourier, Rosaria, Sambo, Schoop, Tromp, Wever, Winklaar, Zimmerman""",
    ),
    "iranian": people(
        2,
        "Amir Arash Behrouz Dariush Farhad Hamid Javid Kaveh Mehdi Najib Omid Parviz Reza Shahram Siavash Wahid",
        "Azadeh Fariba Freshta Golnaz Homa Laleh Maryam Mina Nasrin Parisa Roya Shabnam Shirin Soraya Zarmina",
        """Ahmadi, Akbari, Amiri, Azizi, Bagheri, Ebrahimi, Ghasemi, Haidari, Hosseini, Jafari, Karimi, Mirzaei, Moradi, Mousavi, Noori,
        Popal, Rahimi, Rezaei, Sadat, Safi, Shirzad, Stanekzai, Tavakoli, Wardak, Yousufzai, Zadran""",
    ),
    "european": people(
        4,
        """Alessandro Andrei Bogdan Carlos Dmitri Dragan Fernando Giovanni Günther Helmut Ivan João Jürgen László Manuel Matteo Mihai Miguel
        Nikola Oleksandr Oscar Pedro Sergej Stefan Viktor Zoltán Jean-Luc Didier Hendrik-Jan Kevin""",
        """Alina Ana Anneliese Bianca Carmen Daniela Elena Francesca Gabriela Gisela Ingeborg Ioana Iryna Isabel Ivana Jelena Kateryna
        Katalin Lucía Mónica Natalia Oksana Raluca Rosa Simona Svetlana Tatiana Ursula Véronique Yuliya""",
        """Andersen, Becker, Bianchi, Bondarenko, Da Costa, Dimitrova, Dos Santos, Dumitru, Dupont, Esposito, Fernandes, Ferrari, Fischer,
        Georgieva, Gomes, Gonzalez, Hernandez, Hoffmann, Horváth, Ionescu, Ivanov, Jovanović, Kovács, Kovalenko, Krüger, Lombardi, Lopes,
        Martínez, Marković, Melnyk, Monteiro, Nagy, Neumann, Petrović, Petrenko, Popescu, Ricci, Rodrigues, Romano, Schneider, Shevchenko,
        da Silva, Schäfer, Silva Tavares, Szabó, Verhaegen, Vandenberghe, de Backer, Zimmermann, Claes, D'Hondt, O'Brien, Smith, McDonald""",
    ),
    "asian": people(
        2,
        "Anh Arjun Deepak Duc Hung Imran Kumar Minh Nguyen Prakash Quang Rajesh Sanjay Suresh Thanh Tuan Vijay Adil Bilawal Rodrigo",
        "Aishwarya Ananya Chi Hoa Huong Kavita Lakshmi Lan-Anh Marites Meena Nga Phuong Pooja Rosalinda Shreya Sunita Thuy Trang Anchalee Somchai",
        """Agarwal, Bui, Chaudhry, Dang, Dela Cruz, Desai, Do, Hoang, Hussain, Iyer, Khan, Le, Malik, Mehta, Nguyen, Patel, Pham, Phan,
        Pillai, Qureshi, Rao, Reddy, Reyes, Santos, Shah, Sharma, Singh, Tran, Vo, Bautista, Srisuk, Thapa""",
    ),
}

PLACES = words("""Amsterdam Rotterdam Utrecht Eindhoven Groningen Tilburg Almere Breda Nijmegen Apeldoorn Haarlem Enschede Arnhem Amersfoort
    Leiden Dordrecht Zoetermeer Zwolle Deventer Delft Alkmaar Heerlen Venlo Leeuwarden Emmen Roosendaal Assen Veenendaal Weert Goes Middelburg
    Vlissingen Terneuzen Zierikzee Tholen Hulst Yerseke Renesse Burgh-Haamstede Axel Aardenburg Kapelle Bergeijk Valkenswaard Someren Deurne
    Gemert Boxmeer Cuijk Uden Veghel Schijndel Boxtel Oisterwijk Goirle Rijen Etten-Leur Zundert Steenbergen Waalwijk Drunen Heusden
    Roermond Sittard Geleen Kerkrade Landgraaf Brunssum Vaals Gulpen Meerssen Echt Horst Venray Gennep Panningen Reuver Thorn
    Tiel Culemborg Geldermalsen Zaltbommel Druten Wijchen Beuningen Zevenaar Duiven Westervoort Doetinchem Aalten Winterswijk Lichtenvoorde
    Groenlo Borculo Lochem Zutphen Vorden Warnsveld Ermelo Putten Nijkerk Barneveld Voorthuizen Lunteren Bennekom Wageningen Renkum Oosterbeek
    Epe Vaassen Heerde Hattem Elburg Nunspeet Harderwijk Zeewolde Dronten Lelystad Urk Emmeloord Kampen Genemuiden Hasselt Steenwijk Meppel
    Ommen Hardenberg Dedemsvaart Vriezenveen Almelo Rijssen Nijverdal Hellendoorn Borne Oldenzaal Losser Haaksbergen Goor Delden Markelo
    Hoogeveen Coevorden Beilen Westerbork Borger Rolde Gieten Vries Roden Norg Zuidlaren Eelde Haren Leek Marum Winsum Bedum Uithuizen
    Appingedam Delfzijl Winschoten Veendam Stadskanaal Ter\u00a0Apel Musselkanaal Bellingwolde Drachten Heerenveen Sneek Bolsward Franeker
    Harlingen Dokkum Kollum Buitenpost Surhuisterveen Gorredijk Wolvega Lemmer Joure Balk Workum Makkum Grou Stiens Holwerd Schagen
    Heerhugowaard Langedijk Bergen Egmond Castricum Heiloo Uitgeest Heemskerk Beverwijk Velsen IJmuiden Zandvoort Bloemendaal Heemstede
    Hoofddorp Nieuw-Vennep Aalsmeer Uithoorn Amstelveen Diemen Weesp Bussum Naarden Huizen Laren Blaricum Volendam Edam Monnickendam Hoorn
    Enkhuizen Medemblik Wognum Opmeer Texel Woerden Bodegraven Oudewater Montfoort IJsselstein Nieuwegein Houten Vianen Maarssen Breukelen
    Mijdrecht Soest Baarn Zeist Doorn Leersum Rhenen Leusden Bunnik Alphen Katwijk Noordwijk Lisse Hillegom Sassenheim Voorschoten
    Wassenaar Rijswijk Naaldwijk Maassluis Vlaardingen Schiedam Spijkenisse Hellevoetsluis Brielle Middelharnis Ouddorp Barendrecht
    Ridderkerk Papendrecht Sliedrecht Hardinxveld Gorinchem Leerdam Schoonhoven Waddinxveen Boskoop Moordrecht""".replace("\u00a0", "_"))
PLACES = [p.replace("_", " ") for p in PLACES] + lines("""
Den Haag
Den Bosch
's-Hertogenbosch
's-Gravenzande
Bergen op Zoom
Den Helder
Alphen aan den Rijn
Krimpen aan den IJssel
Capelle aan den IJssel
Wijk bij Duurstede
Hoek van Holland
Sint-Oedenrode
De Bilt
Berkel en Rodenrijs
Nieuwerkerk a/d IJssel
Sas van Gent
Horst aan de Maas
Oude Pekela
Nederhorst den Berg
Egmond aan Zee
St. Annaparochie
Ospel
Heeswijk-Dinther
Sint Maartensdijk
""")

STREETS = lines("""
Dorpsstraat
Kerkstraat
Molenweg
Schoolstraat
Stationsweg
Julianalaan
Wilhelminastraat
Prins Clausplein
Beatrixlaan
Lindelaan
Kastanjelaan
Esdoornstraat
Berkenhof
Elzenpad
Populierendreef
Jasmijnstraat
Hyacintenlaan
Korenbloemweg
Klaprooshof
Sleedoorn
Bereklauw
Vlierbes
Sperwer
Grutto
Fazantstraat
Kwartelhof
Reigerlaan
IJsvogelweg
Merelstraat
Oude Rijksweg
Provincialeweg
Lage Zandschel
Hoge Ham
Achter de Hoven
Achterom
Broekdijk
Zuiderhagen
Noorderhaven
Oosterkade
Westersingel
Maasboulevard
Waaldijk
Vechtoever
Eemstraat
Linge
Dommelstraat
Zeeweg
Boulevard Bankert
Duinpad
Havenstraat
Touwslagersgang
Visscherssteeg
Kuiperspoort
Nieuwe Gracht
Oude Singel
Eerste Helmersdwarsstraat
Tweede Atjehstraat
Van Speijkstraat
Jan van Nassaustraat
Johan de Wittlaan
Anna Paulownaplein
Admiraal de Ruijterstraat
Burgemeester Van Tuyllkade
Burg. Falkenaweg
Pastoor Smulderslaan
Past. van Akenstraat
Dr. Schaepmanstraat
Dokter Stolteweg
Mgr. Bekkersplein
Meester Nelissenstraat
Titus Brandsmalaan
Anne Frankplantsoen
Aletta Jacobshof
Rembrandtlaan
Vermeerstraat
Paulus Potterstraat
Jan Steenlaan
Mozartlaan
Bachstraat
Beethovenlaan
Vondelstraat
Multatulilaan
Gorterplaats
Churchilllaan
Martin Luther Kinglaan
Mandelaplein
Laan van Westenenk
Laan der Verenigde Naties
Het Hoogeland
De Hoefslag
De Wieken
't Zand
't Heufke
Bij de Kerk
In de Cramer
Op de Wier
Tussen de Vaarten
Marktplein
Stadhuisplein
Grote Markt
Bosweg
Heideveld
Veldzichtweg
Turfstekersweg
Veenkade
Hoofddiep WZ
Kanaal NZ
Molenkampsweg
Brinkstraat
Esstraat
Kloosterlaan
Abdijtuinen
Kasteelstraat
Ridderhof
Tasmanstraat
Borneostraat
Sumatraweg
Wagnerlaan
Galileïlaan
Edisonstraat
Ampèreweg
Meridiaan
Watermunt
Zilverschoon
Goudenregenstraat
Schepenenveld
Ottersveen
Brugstraat
Sluisweg
Gasthuisring
Hospitaalstraat
Ooievaarsnest
Zonnedauw
""")
